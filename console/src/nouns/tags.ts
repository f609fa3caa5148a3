/* Tags, which every object may have; the one named Name is what people call it. */
import {CreateTagsCommand, DeleteTagsCommand} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import {holdUser} from "~/api/keys";
import {patiently} from "~/api/patience";

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

/* Tags of the service's own cannot be changed. */
export function isOwn({key}: Tag): boolean {
	return !key.startsWith("tmirror:") && !key.startsWith("aws:");
}

/* What of it was changed: keys that go, and tags that are new or have another value. */
export function compareTags(before: Tag[], after: Tag[]): {gone: string[]; fresh: Tag[]} {
	const kept = new Set(after.map(({key}) => key));
	const known = new Map(before.map(({key, value}) => [key, value]));
	return {
		gone: before.filter((tag) => isOwn(tag) && !kept.has(tag.key)).map(({key}) => key),
		fresh: after.filter(({key, value}) => known.get(key) !== value),
	};
}

/* 'before' is what the change began with; tags that are neither in it nor in 'after' are somebody else's. */
export async function changeTags(id: string, before: Tag[], after: Tag[]): Promise<void> {
	const checkUser = holdUser();
	const {gone, fresh} = compareTags(before, after);
	const Resources = [id];
	if (gone.length > 0) {
		const Tags = gone.map((Key) => ({Key}));
		await patiently(() => ec2().send(new DeleteTagsCommand({Resources, Tags})));
	}
	checkUser();
	if (fresh.length > 0) {
		const Tags = fresh.map(({key, value}) => ({Key: key, Value: value}));
		await patiently(() => ec2().send(new CreateTagsCommand({Resources, Tags})));
	}
}
