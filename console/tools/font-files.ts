/* A step of the build: fonts that a style sheet carries inside itself become files beside it.
 *
 * So the sheet is small, a browser fetches the weights only that it draws, and the Content-Security-Policy need not
 * allow fonts from data: addresses. */
import {createHash} from "node:crypto";
import type {Plugin} from "vite";

const inside = /url\(data:font\/woff2;base64,([^)]+)\)/g;

export function fontFiles(): Plugin {
	return {
		name: "font-files",
		apply: "build",
		generateBundle(_, bundle) {
			for (const file of Object.values(bundle)) {
				if (file.type !== "asset" || !file.fileName.endsWith(".css"))
					continue;
				file.source = String(file.source).replace(
					inside,
					(_, base64: string) => {
						const source = Buffer.from(base64, "base64");
						const hash = createHash("sha256")
							.update(source)
							.digest("hex")
							.slice(0, 8);
						const fileName = `assets/font-${hash}.woff2`;
						this.emitFile({type: "asset", fileName, source});
						return `url(${fileName.replace("assets/", "./")})`;
					},
				);
			}
		},
	};
}
