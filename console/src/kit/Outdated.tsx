/* In place of a page whose file cannot be had: mostly since the controller has another version of the console by now. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import {keepForReload} from "~/api/keys";
import {Page} from "./Page";

export function Outdated() {
	const reload = () => {
		keepForReload();
		location.reload();
	};
	return (
		<Page title="This page could not be loaded">
			<Box variant="p">
				The controller may have been upgraded, and has another console by
				now. Reloading fetches it; you stay signed in.
			</Box>
			<Button onClick={reload}>Reload</Button>
		</Page>
	);
}
