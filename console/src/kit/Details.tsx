/* The one page of an object: its heading with what can be done with it, its values, and tabs that the address knows. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs, {
	type KeyValuePairsProps,
} from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import type {ReactNode} from "react";
import type {Shown} from "~/data/use";
import {useSearchParameter} from "~/shell/location";
import {Loading} from "./Loading";
import {Page} from "./Page";
import {ProblemView} from "./ProblemView";

export interface Tab {
	id: string;
	label: string;
	content: ReactNode;
}

interface Props<T> {
	query: Shown<T>;
	title(item: T): string;
	actions?(item: T): ReactNode;
	values(item: T): KeyValuePairsProps.Item[];
	tabs?(item: T): Tab[];
	help?: ReactNode;
	noun: string; // As in "Session details".
}

export function Details<T>(props: Props<T>) {
	const {value, problem, refresh} = props.query;
	const title = value ? props.title(value) : props.noun;
	return (
		<Page title={title} actions={value && props.actions?.(value)} help={props.help}>
			<SpaceBetween size="l">
				{problem && problem.kind !== "offline" && (
					<ProblemView problem={problem} onRetry={refresh} />
				)}
				{!value && !problem && <Loading />}
				{value && (
					<Container
						header={
							<Header variant="h2">{`${props.noun} details`}</Header>
						}
					>
						<KeyValuePairs
							columns={4}
							items={props.values(value)}
						/>
					</Container>
				)}
				{value && props.tabs && <DetailTabs tabs={props.tabs(value)} />}
			</SpaceBetween>
		</Page>
	);
}

function DetailTabs({tabs}: {tabs: Tab[]}) {
	const [chosen, choose] = useSearchParameter("tab");
	const active = tabs.some(({id}) => id === chosen) ? chosen : tabs[0]!.id;
	return (
		<Tabs
			// What somebody has begun to write stays while he looks at another.
			tabs={tabs.map((tab) => ({...tab, contentRenderStrategy: "lazy"}))}
			activeTabId={active}
			onChange={({detail}) => choose(detail.activeTabId)}
			ariaLabel="More about it"
		/>
	);
}
