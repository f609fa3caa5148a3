/* The bar above all: which account and region this is, looks, and the way out. */
import TopNavigation, {type TopNavigationProps} from "@cloudscape-design/components/top-navigation";
import {nameOf, type SignedIn, signOut, useSignedIn} from "~/api/keys";
import {followLink, href} from "./location";
import {applyLooks, type Theme, usePreference} from "./preferences";

const themes: {id: Theme; text: string}[] = [
	{id: "system", text: "As the system"},
	{id: "light", text: "Light"},
	{id: "dark", text: "Dark"},
];

export function TopBar() {
	const signedIn = useSignedIn();
	const looks = useLooks();
	const utilities = signedIn
		? [looks, userMenu(nameOf(signedIn.identity), signedIn)]
		: [looks];
	return (
		<div id="bar">
			<TopNavigation
				identity={{
					href: href("/"),
					title: "Traffic Mirror",
					logo: {src: href("/icon.svg"), alt: ""},
					onFollow: followLink,
				}}
				utilities={utilities}
			/>
		</div>
	);
}

function useLooks(): TopNavigationProps.Utility {
	const [theme, setTheme] = usePreference<Theme>("theme", "system");
	const [compact, setCompact] = usePreference("compact", false);
	return {
		type: "menu-dropdown",
		iconName: "settings",
		ariaLabel: "Looks",
		title: "Looks",
		items: [
			{
				id: "theme",
				text: "Theme",
				items: themes.map((row) => ({
					...row,
					itemType: "checkbox" as const,
					checked: row.id === theme,
				})),
			},
			{id: "compact", text: "Compact", itemType: "checkbox", checked: compact},
		],
		onItemClick: ({detail}) => {
			if (detail.id === "compact") setCompact(!compact);
			else setTheme(detail.id as Theme);
			applyLooks();
		},
	};
}

function userMenu(name: string, {identity, keys}: SignedIn): TopNavigationProps.Utility {
	return {
		type: "menu-dropdown",
		text: name,
		description: `Account ${identity.account}`,
		iconName: "user-profile",
		ariaLabel: `Signed in as ${name}`,
		items: [
			{id: "arn", text: identity.arn, disabled: true},
			{id: "region", text: `Region ${keys.region}`, disabled: true},
			{id: "sign-out", text: "Sign out"},
		],
		onItemClick: ({detail}) => detail.id === "sign-out" && signOut(undefined, true),
	};
}
