/* The help panel's content, which a page sets (kit/Page.tsx) and the shell shows. */
import {createContext, type ReactNode} from "react";

export const HelpContext = createContext<(help: ReactNode) => void>(() => {});
