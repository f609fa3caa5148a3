// Compresses what a build of the console made, once and as well as it goes:  node compress_files.mjs DIRECTORY
//
// Beside each file that becomes smaller come NAME.gz and NAME.br, which the controller serves as they are.
import {readdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {brotliCompressSync, constants, gzipSync} from "node:zlib";

const codings = {
	".gz": (bytes) => gzipSync(bytes, {level: constants.Z_BEST_COMPRESSION}),
	".br": (bytes) =>
		brotliCompressSync(bytes, {
			params: {
				[constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
				[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
			},
		}),
};

for (const entry of readdirSync(process.argv[2], {recursive: true, withFileTypes: true})) {
	if (!entry.isFile()) continue;
	const path = join(entry.parentPath ?? entry.path, entry.name);
	const bytes = readFileSync(path);
	for (const [suffix, compress] of Object.entries(codings)) {
		const smaller = compress(bytes);
		// A header more for a few bytes less is no gain.
		if (smaller.length < bytes.length - 64) writeFileSync(path + suffix, smaller);
	}
}
