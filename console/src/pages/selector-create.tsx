/* A new selector. */
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {CreatePage} from "~/kit/CreatePage";
import {tagFault, TagFields} from "~/kit/TagFields";
import {createSelector} from "~/nouns/selectors";
import {createParameters} from "~/nouns/session-settings";
import {type Tag, tagSpecification} from "~/nouns/tags";
import {tagFilterParameters} from "~/text/tag-filters";
import {SelectorForm, selectorSettings, useSelectorForm} from "./selector-form";

export default function CreateSelector() {
	const [tags, setTags] = useState<Tag[]>([]);
	const form = useSelectorForm(
		{filters: [{key: "", lines: ""}]},
		() => !tags.some((tag) => tagFault(tag, tags)),
	);
	const create = async () => {
		const id = await createSelector({
			...createParameters(form.texts),
			TagFilter: tagFilterParameters(form.filters),
			TagSpecification: tagSpecification("traffic-mirror-selector", tags),
		});
		return `/selectors/${id}`;
	};
	return (
		<CreatePage
			title="Create a selector"
			form={form}
			only={selectorSettings}
			create={create}
			kinds={["selector", "session"]}
			back="/selectors"
			help={help}
		>
			<SelectorForm form={form} />
			<SpaceBetween size="l">
				<Header variant="h2">Tags of the selector</Header>
				<TagFields tags={tags} onChange={setTags} />
			</SpaceBetween>
		</CreatePage>
	);
}

const help = (
	<>
		<p>
			Every interface whose tags match gets a session with this target, filter,
			number and these options, as soon as it is there.
		</p>
		<p>
			An interface has its own tags and those of its instance, which of a host's
			devices is the host. The inventory's tags <code>tmirror:host</code>,{" "}
			<code>tmirror:device</code> and <code>tmirror:orientation</code> can be gone
			by, too.
		</p>
	</>
);
