/* How the console is built: one page, split into a chunk for the shell and one for each page's file.  No inline
 * script or style comes out, so the strictest Content-Security-Policy fits it. */
import {fileURLToPath} from "node:url";
import {defineConfig} from "vite";
import {fontFiles} from "./tools/font-files";

/* For development: the controller that requests are handed on to, as make run prints it. */
const controller = process.env.AWS_ENDPOINT_URL ?? "https://127.0.0.1:8773";

export default defineConfig({
	base: "/console/",
	resolve: {alias: {"~": fileURLToPath(new URL("src", import.meta.url))}},
	plugins: [fontFiles()],
	esbuild: {jsx: "automatic"},
	build: {
		target: "es2022",
		assetsInlineLimit: 0,
		modulePreload: {polyfill: false},
		chunkSizeWarningLimit: 2000,
		reportCompressedSize: false,
		outDir: process.env.CONSOLE_OUTPUT ?? "dist",
		emptyOutDir: true,
		rollupOptions: {
			onwarn(warning, warn) {
				// Cloudscape says "use client" for servers that render; there is none here.
				if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
			},
		},
	},
	server: {
		host: "127.0.0.1",
		proxy: {"^/$": {target: controller, secure: false, changeOrigin: false}},
	},
	preview: {
		host: "127.0.0.1",
		proxy: {"^/$": {target: controller, secure: false, changeOrigin: false}},
	},
});
