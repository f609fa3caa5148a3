/* Hands a text to the user as a file. */

const longEnough = 10_000; // For the browser to begin with it.

export function saveFile(name: string, type: string, content: BlobPart): void {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([content], {type}));
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), longEnough);
}
