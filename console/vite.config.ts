import { defineConfig } from "vitest/config";

// The server serves what lies here; names carry a hash of the content, see src/conductor_local/api/console.py.
export default defineConfig({
  build: {
    outDir: "../src/conductor_local/console_files",
    emptyOutDir: true,
    assetsDir: "console-assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: { proxy: { "/workflows": "http://127.0.0.1:3000", "/metrics": "http://127.0.0.1:3000" } },
  test: { include: ["src/**/*.test.ts"] },
});
