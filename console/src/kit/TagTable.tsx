/* An object's tags, shown and edited in place. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange} from "~/data/use";
import {changeTags, isOwn, type Tag} from "~/nouns/tags";
import {notify} from "~/shell/notices";
import {ChangeProblem} from "./ProblemView";
import {tagFault, TagFields} from "./TagFields";

export function TagTable({id, tags}: {id: string; tags: Tag[]}) {
	// What it began with is kept beside the draft, so that what others change meanwhile is no change of this one.
	const [{before, draft}, setEditing] = useState<{before: Tag[]; draft?: Tag[]}>({
		before: [],
	});
	const setDraft = (next?: Tag[]) => setEditing((old) => ({...old, draft: next}));
	const edit = () => setEditing({before: tags, draft: tags.filter(isOwn)});
	const change = useChange(changeTags, "tag");
	const save = async () => {
		if (!draft || draft.some((tag) => tagFault(tag, draft))) return;
		if (!(await change.run(id, before, draft))) return;
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
		<Button onClick={edit}>Edit</Button>
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
