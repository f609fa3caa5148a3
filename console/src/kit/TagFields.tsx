/* Tags being typed: for forms, and for the tags of an object that is there already. */
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import type {Tag} from "~/nouns/tags";

const mostTags = 50;

export function TagFields({tags, onChange}: {tags: Tag[]; onChange(tags: Tag[]): void}) {
	const set = (index: number, part: Partial<Tag>) =>
		onChange(tags.map((tag, i) => (i === index ? {...tag, ...part} : tag)));
	const field = (name: "key" | "value", label: string) => ({
		label,
		control: (tag: Tag, i: number) => (
			<Input
				value={tag[name]}
				ariaLabel={`${label} of tag ${i + 1}`}
				onChange={({detail}) => set(i, {[name]: detail.value})}
				autoComplete={false}
			/>
		),
		errorText: (tag: Tag) => (name === "key" ? tagFault(tag, tags) : undefined),
	});
	return (
		<AttributeEditor
			items={tags}
			definition={[field("key", "Key"), field("value", "Value")]}
			addButtonText="Add a tag"
			removeButtonText="Remove"
			removeButtonAriaLabel={({key}) => `Remove the tag ${key}`}
			disableAddButton={tags.length >= mostTags}
			onAddButtonClick={() => onChange([...tags, {key: "", value: ""}])}
			onRemoveButtonClick={({detail}) =>
				onChange(tags.filter((_, i) => i !== detail.itemIndex))
			}
			empty="No tags"
		/>
	);
}

export function tagFault(tag: Tag, all: Tag[]): string | undefined {
	if (tag.key === "") return "A tag needs a key.";
	if ([...tag.key].length > 128) return "At most 128 characters.";
	if (/^(aws|tmirror):/i.test(tag.key))
		return "Keys with this beginning are the service's own.";
	return all.filter(({key}) => key === tag.key).length > 1
		? "This key is there twice."
		: undefined;
}
