/* A page's outer part: its heading, the tab's title, and what stands in the help panel. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import HelpPanel from "@cloudscape-design/components/help-panel";
import {type ReactNode, useContext, useEffect} from "react";
import {HelpContext} from "~/shell/help";

interface Props {
	title: string;
	description?: ReactNode;
	actions?: ReactNode;
	help?: ReactNode;
	children: ReactNode;
}

export function Page({title, description, actions, help, children}: Props) {
	usePageTitle(title);
	useHelp(title, help);
	return (
		<ContentLayout
			header={
				<Header variant="h1" description={description} actions={actions}>
					{title}
				</Header>
			}
		>
			{children}
		</ContentLayout>
	);
}

export function usePageTitle(title: string): void {
	useEffect(() => {
		document.title = `${title} · Traffic Mirror`;
	}, [title]);
}

/* The help of a page is written once, so its first value is kept. */
export function useHelp(title: string, help: ReactNode): void {
	const setHelp = useContext(HelpContext);
	const given = help !== undefined;
	useEffect(() => {
		if (given) setHelp(<HelpPanel header={<h2>{title}</h2>}>{help}</HelpPanel>);
		return () => setHelp(undefined);
	}, [title, given, setHelp]);
}
