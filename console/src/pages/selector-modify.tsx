/* Other tags, another target, filter, number or options for a selector that is there; its sessions follow.  Only what
 * differs from the selector as it was when the page was opened is sent. */
import {useState} from "react";
import {useQuery} from "~/data/use";
import {CreatePage} from "~/kit/CreatePage";
import {Loading} from "~/kit/Loading";
import {ProblemView} from "~/kit/ProblemView";
import {modifySelector, type Selector, selectorQuery, tagFiltersOf} from "~/nouns/selectors";
import {modifyParameters, textsOf} from "~/nouns/session-settings";
import {draftOf, sameFilters, tagFilterParameters} from "~/text/tag-filters";
import type {PageProps} from "./routes";
import {SelectorForm, selectorSettings, useSelectorForm} from "./selector-form";

export default function ModifySelector({parameters}: PageProps) {
	const selector = useQuery(selectorQuery(parameters["id"]!));
	if (selector.value) return <ModifyForm selector={selector.value} />;
	if (selector.problem)
		return <ProblemView problem={selector.problem} onRetry={selector.refresh} />;
	return <Loading />;
}

function ModifyForm({selector}: {selector: Selector}) {
	const [before] = useState(() => ({
		texts: textsOf(selector),
		filters: tagFiltersOf(selector).map(draftOf),
	}));
	const form = useSelectorForm(before);
	const path = `/selectors/${selector.trafficMirrorSelectorId}`;
	const modify = async () => {
		const parameters = modifyParameters(before.texts, form.texts);
		if (!sameFilters(before.filters, form.filters))
			parameters["TagFilter"] = tagFilterParameters(form.filters);
		if (Object.keys(parameters).length > 0)
			await modifySelector(selector.trafficMirrorSelectorId, parameters);
		return path;
	};
	return (
		<CreatePage
			title="Modify the selector"
			form={form}
			only={selectorSettings}
			create={modify}
			kinds={["selector", "session"]}
			back={path}
		>
			<SelectorForm form={form} />
		</CreatePage>
	);
}
