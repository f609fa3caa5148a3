/* Tags, which every object may have; the one named Name is what people call it. */

export interface Tag {
	key: string;
	value: string;
}

export function nameTag(tags: Tag[] | undefined): string {
	return tags?.find((tag) => tag.key === "Name")?.value ?? "";
}

export function tagsText(tags: Tag[] | undefined): string {
	return (tags ?? []).map(({key, value}) => (value ? `${key}=${value}` : key)).join(", ");
}

/* As parameters of a request that makes an object. */
export function tagSpecification(resource: string, tags: Tag[]) {
	if (tags.length === 0) return undefined;
	return [
		{
			ResourceType: resource,
			Tag: tags.map(({key, value}) => ({Key: key, Value: value})),
		},
	];
}

/* The tag Name alone, as the SDK's commands take it. */
export function sdkTags<R extends string>(resource: R, name: string) {
	if (name.trim() === "") return undefined;
	return [{ResourceType: resource, Tags: [{Key: "Name", Value: name.trim()}]}];
}
