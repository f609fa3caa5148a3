/* Where the console begins: the frame if somebody is signed in, the way in otherwise, at whatever address. */
import "@cloudscape-design/global-styles/index.css";
import "./console.css";
import {I18nProvider} from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import {StrictMode} from "react";
import {createRoot} from "react-dom/client";
import {useSignedIn} from "./api/keys";
import {followLinks} from "./api/link";
import {followChanges} from "./data/changes";
import {joinTabs} from "./data/tabs";
import {applyLooks} from "./shell/preferences";
import {Shell} from "./shell/Shell";
import {SignIn} from "./shell/SignIn";

function Console() {
	return useSignedIn() ? <Shell /> : <SignIn />;
}

applyLooks();
followLinks();
joinTabs();
followChanges();
createRoot(document.getElementById("console")!).render(
	<StrictMode>
		<I18nProvider locale="en" messages={[messages]}>
			<Console />
		</I18nProvider>
	</StrictMode>,
);
