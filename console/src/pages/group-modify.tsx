/* Another health check for a target group; all else of it is fixed. */
import {useQuery} from "~/data/use";
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {pathOf} from "~/kit/Id";
import {Loading} from "~/kit/Loading";
import {ProblemView} from "~/kit/ProblemView";
import {type Group, groupQuery, modifyGroup} from "~/nouns/groups";
import {CheckForm, checkFields, checkParameters, checkTexts, fieldsOf} from "./group-form";
import type {PageProps} from "./routes";

export default function ModifyGroup({parameters}: PageProps) {
	const group = useQuery(groupQuery(`${parameters["name"]}/${parameters["id"]}`));
	if (group.value) return <CheckPage group={group.value} />;
	if (group.problem) return <ProblemView problem={group.problem} onRetry={group.refresh} />;
	return <Loading />;
}

/* Of the group as it was when the page was opened. */
function CheckPage({group}: {group: Group}) {
	const form = useForm(checkFields, checkTexts(group));
	const path = pathOf(group.TargetGroupArn)!;
	const modify = async () => {
		await modifyGroup(group.TargetGroupArn, checkParameters(form.texts));
		return path;
	};
	return (
		<CreatePage
			title="Modify the check"
			form={form}
			only={fieldsOf(form.texts.check)}
			create={modify}
			kinds={["balancer"]}
			back={path}
		>
			<CheckForm form={form} />
		</CreatePage>
	);
}
