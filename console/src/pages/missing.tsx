/* An address that no page has. */
import Box from "@cloudscape-design/components/box";
import {Page} from "~/kit/Page";
import {RouteButton} from "~/kit/RouteLink";

export default function Missing() {
	return (
		<Page title="There is no such page">
			<Box variant="p">
				The address may be mistyped, or from another version of the console.
			</Box>
			<RouteButton to="/">To the overview</RouteButton>
		</Page>
	);
}
