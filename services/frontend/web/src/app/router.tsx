import { createBrowserRouter, Navigate } from "react-router";

import { ChatPage } from "../chat/ChatPage";
import { Broken, NotFound } from "./Broken";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn /> },
  {
    path: "/",
    element: <Shell />,
    errorElement: <Broken />,
    children: [
      { index: true, element: <Navigate to="/chat" replace /> },
      { path: "chat/:conversationId?", element: <ChatPage /> },
      { path: "console/*", lazy: async () => ({ Component: (await import("../console/Console")).Console }) },
      { path: "*", element: <NotFound /> },
    ],
  },
]);
