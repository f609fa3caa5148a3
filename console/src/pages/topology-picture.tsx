/* The picture that text/topology.ts has laid out, drawn.  Boxes and lines are links, so they are reached by keyboard and can
 * be opened in a tab of their own. */
import {type CSSProperties, type MouseEvent, type ReactNode, useEffect, useRef} from "react";
import {href, navigate} from "~/shell/location";
import {formatShort} from "~/text/numbers";
import type {Box, Line, Picture} from "~/text/topology";

/* The looks are in console.css, since the tokens' package names its variables otherwise than the components do. */
const colors = {
	face: "var(--topology-face)",
	rest: "var(--topology-rest)",
	edge: "var(--topology-edge)",
	text: "var(--topology-text)",
	quiet: "var(--topology-quiet)",
	trouble: "var(--topology-trouble)",
	line: "var(--topology-line)",
};
const boxLetters = 24; // As many fit on one line of a box.
const margin = 4;

export function TopologyPicture(props: {
	picture: Picture;
	onWidth(width: number): void;
	onTurn(host: string): void;
}) {
	const {picture, onWidth, onTurn} = props;
	const frame = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const observer = new ResizeObserver(([entry]) =>
			onWidth(Math.floor(entry!.contentRect.width) - 2 * margin),
		);
		observer.observe(frame.current!);
		return () => observer.disconnect();
	}, [onWidth]);
	const width = picture.width + 2 * margin;
	const height = picture.height + 2 * margin;
	const most = Math.max(1, ...picture.lines.map(({bitsPerSecond = 0}) => bitsPerSecond));
	return (
		<div
			className="topology"
			ref={frame}
			tabIndex={0}
			role="group"
			aria-label="Topology"
		>
			<svg
				width={width}
				height={height}
				viewBox={`${-margin} ${-margin} ${width} ${height}`}
			>
				{picture.lines.map((line) => (
					<DrawnLine key={line.key} line={line} most={most} />
				))}
				{picture.boxes.map((box) => (
					<DrawnBox key={box.key} box={box} onTurn={onTurn} />
				))}
				{picture.lines.map((line) => (
					<Rate key={line.key} line={line} />
				))}
			</svg>
		</div>
	);
}

function DrawnLine({line, most}: {line: Line; most: number}) {
	const {start, end} = line;
	const bend = (end.x - start.x) / 2;
	const path = `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
	const label = [line.title, rateText(line), line.trouble].filter(Boolean).join(", ");
	const style: CSSProperties = {
		fill: "none",
		stroke: line.trouble ? colors.trouble : colors.line,
		strokeWidth: 1.5 + 3 * Math.sqrt((line.bitsPerSecond ?? 0) / most),
		strokeDasharray: line.trouble ? "6 4" : undefined,
		opacity: line.trouble || line.bitsPerSecond ? 1 : 0.5,
	};
	return (
		<SvgLink path={line.path} label={label}>
			<path d={path} className="topology-reach" />
			<path d={path} style={style} />
		</SvgLink>
	);
}

/* Above the line, where it leaves its box. */
function Rate({line}: {line: Line}) {
	const text = rateText(line);
	if (!text) return null;
	return (
		<text
			x={line.start.x + 6}
			y={line.start.y - 4}
			aria-hidden
			style={{
				fill: line.trouble ? colors.trouble : colors.quiet,
				stroke: colors.face,
				paintOrder: "stroke",
				strokeWidth: 3,
			}}
		>
			{text}
		</text>
	);
}

function DrawnBox({box, onTurn}: {box: Box; onTurn(host: string): void}) {
	const label = [box.title, box.detail, box.trouble].filter(Boolean).join(", ");
	const style: CSSProperties = {
		fill: box.kind === "rest" ? colors.rest : colors.face,
		stroke: box.trouble ? colors.trouble : colors.edge,
		strokeWidth: box.trouble ? 2 : 1,
		strokeDasharray: box.kind === "rest" ? "4 3" : undefined,
	};
	const middle = box.y + box.height / 2;
	const title = (
		<text
			x={box.x + 10}
			y={middle - (box.detail ? 3 : -4)}
			className="topology-title"
			style={{fill: box.trouble ? colors.trouble : colors.text}}
		>
			{shortenText(box.title)}
		</text>
	);
	const face = (
		<>
			<rect
				x={box.x}
				y={box.y}
				width={box.width}
				height={box.height}
				rx={8}
				style={style}
			/>
			<text x={box.x + 10} y={middle + 13} style={{fill: colors.quiet}}>
				{shortenText(box.detail, boxLetters + 4)}
			</text>
		</>
	);
	if (box.kind !== "host")
		return (
			<SvgLink path={box.path} label={label}>
				{face}
				{title}
			</SvgLink>
		);
	// The box opens and closes; the name leads to the host's page.
	return (
		<>
			<g
				role="button"
				tabIndex={0}
				aria-expanded={box.isOpen}
				aria-label={label}
				className="topology-link"
				onClick={() => onTurn(box.host!)}
				onKeyDown={(event) => {
					if (event.key !== "Enter" && event.key !== " ") return;
					event.preventDefault();
					onTurn(box.host!);
				}}
			>
				<title>{label}</title>
				{face}
				<text
					x={box.x + box.width - 18}
					y={middle + 5}
					style={{fill: colors.quiet}}
				>
					{box.isOpen ? "▾" : "▸"}
				</text>
			</g>
			<SvgLink path={box.path} label={`Page of ${box.title}`}>
				{title}
			</SvgLink>
		</>
	);
}

function SvgLink(props: {path?: string; label: string; children: ReactNode}) {
	const {path, label, children} = props;
	if (!path)
		return (
			<g role="img" aria-label={label}>
				<title>{label}</title>
				{children}
			</g>
		);
	const follow = (event: MouseEvent) => {
		if (event.ctrlKey || event.metaKey || event.shiftKey) return;
		event.preventDefault();
		navigate(path);
	};
	return (
		<a href={href(path)} aria-label={label} className="topology-link" onClick={follow}>
			<title>{label}</title>
			{children}
		</a>
	);
}

function rateText({bitsPerSecond}: Line): string {
	return bitsPerSecond ? formatShort(bitsPerSecond, "bit/s") : "";
}

function shortenText(text: string, most = boxLetters): string {
	return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
