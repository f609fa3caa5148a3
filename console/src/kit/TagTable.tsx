/* An object's tags, shown and edited in place. */
import {CreateTagsCommand, DeleteTagsCommand} from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {ec2} from "~/api/ec2";
import {useChange} from "~/data/use";
import type {Tag} from "~/nouns/tags";
import {notify} from "~/shell/notices";
import {ChangeProblem} from "./ProblemView";
import {tagFault, TagFields} from "./TagFields";

export function TagTable({id, tags}: {id: string; tags: Tag[]}) {
	const [draft, setDraft] = useState<Tag[]>();
	const change = useChange(changeTags, "tag");
	const save = async () => {
		if (!draft || draft.some((tag) => tagFault(tag, draft))) return;
		if (!(await change.run(id, tags, draft))) return;
		notify("success", `The tags of ${id} are changed.`);
		setDraft(undefined);
	};
	const close = () => {
		setDraft(undefined);
		change.reset();
	};
	const actions = draft ? (
		<SpaceBetween direction="horizontal" size="xs">
			<Button variant="link" onClick={close}>
				Cancel
			</Button>
			<Button variant="primary" onClick={save} loading={change.running}>
				Save
			</Button>
		</SpaceBetween>
	) : (
		<Button onClick={() => setDraft(tags.filter(isOwn))}>Edit</Button>
	);
	return (
		<Container
			header={
				<Header variant="h2" actions={actions}>
					Tags
				</Header>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={change.problem} />
				{draft ? (
					<TagFields tags={draft} onChange={setDraft} />
				) : (
					<Shown tags={tags} />
				)}
			</SpaceBetween>
		</Container>
	);
}

function Shown({tags}: {tags: Tag[]}) {
	if (tags.length === 0) return <Box color="text-body-secondary">There are no tags.</Box>;
	return (
		<KeyValuePairs
			columns={4}
			items={tags.map(({key, value}) => ({label: key, value: value || "–"}))}
		/>
	);
}

/* Tags of the inventory's own cannot be changed. */
function isOwn({key}: Tag): boolean {
	return !key.startsWith("tmirror:") && !key.startsWith("aws:");
}

async function changeTags(id: string, before: Tag[], after: Tag[]): Promise<void> {
	const kept = new Set(after.map(({key}) => key));
	const gone = before.filter((tag) => isOwn(tag) && !kept.has(tag.key));
	const known = new Map(before.map(({key, value}) => [key, value]));
	const fresh = after.filter(({key, value}) => known.get(key) !== value);
	const Resources = [id];
	if (gone.length > 0)
		await ec2().send(
			new DeleteTagsCommand({Resources, Tags: gone.map(({key}) => ({Key: key}))}),
		);
	if (fresh.length > 0)
		await ec2().send(
			new CreateTagsCommand({
				Resources,
				Tags: fresh.map(({key, value}) => ({Key: key, Value: value})),
			}),
		);
}
