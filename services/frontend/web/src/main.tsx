import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";

import { ApiError } from "./api/client";
import { router } from "./app/router";
import { applyTheme, savedTheme } from "./app/theme";
import "./styles/tokens.css";
import "./styles/elements.css";
import "./styles/shell.css";
import "./styles/chat.css";
import "./styles/console.css";

applyTheme(savedTheme());

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the platform refuses, it refuses again; what is starting is soon there.
      retry: (failures, error) => failures < 3 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root element.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
