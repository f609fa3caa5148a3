/* Runs the unit tests, src/**\/*.test.ts, with Node's own test runner.  Node 18 cannot read TypeScript, so each test is
 * bundled first with what it tests. */
import {spawnSync} from "node:child_process";
import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function findTests(directory) {
	return readdirSync(directory, {withFileTypes: true}).flatMap((entry) => {
		const path = join(directory, entry.name);
		if (entry.isDirectory()) return findTests(path);
		return entry.name.endsWith(".test.ts") ? [path] : [];
	});
}

const output = mkdtempSync(join(tmpdir(), "tmirror-console-"));
try {
	await build({
		entryPoints: findTests(join(root, "src")),
		outdir: output,
		outExtension: {".js": ".cjs"},
		bundle: true,
		format: "cjs",
		platform: "node",
		target: "node18",
		entryNames: "[dir]/[name]",
		alias: {"~": join(root, "src")},
		define: {"import.meta.env": "{}"},
		logLevel: "warning",
	});
	const built = readdirSync(output, {recursive: true, withFileTypes: true})
		.filter((entry) => basename(entry.name).endsWith(".cjs"))
		.map((entry) => join(entry.path ?? entry.parentPath, entry.name));
	process.exitCode =
		spawnSync(process.execPath, ["--test", ...built], {
			stdio: "inherit",
			env: {...process.env, LC_ALL: "C"},
		}).status ?? 1;
} finally {
	rmSync(output, {recursive: true, force: true});
}
