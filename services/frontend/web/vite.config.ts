/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const PLATFORM = process.env["RAGWORKS_GATEWAY_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env["RAGWORKS_OUT"] ?? "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false }, // the polyfill is an inline script, which the page's policy refuses
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "^/(v1|api|readyz|version)": { target: PLATFORM, changeOrigin: false } },
  },
  test: { include: ["src/**/*.test.ts"] },
});
