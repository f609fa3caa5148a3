/* While nothing is known yet. */
import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";

export function Loading({what}: {what?: string}) {
	return (
		<Box textAlign="center" padding="xxl" color="text-body-secondary">
			<div role="status">
				<Spinner size="large" />
				<Box>{what ?? "Loading"}</Box>
			</div>
		</Box>
	);
}
