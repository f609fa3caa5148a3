/* How one signs in: with keys that the controller is asked about, or with the code of a one-time link (link.ts).
 *
 * Whom keys belong to is asked of sts:GetCallerIdentity, which no policy forbids; it also tells the region, since a
 * signature for another one is refused with the name of the right one. */
import {type Identity, type Keys, type SignedIn} from "./keys";
import {Problem} from "./problem";
import {query, services} from "./query";

interface Redeemed {
	RedeemConsoleSignInResult: {
		Credentials: {AccessKeyId: string; SecretAccessKey: string; SessionToken: string};
		Region: string;
	};
}

const regionAnswer = /valid region: '([^']+)'/;

export async function redeemLink(code: string): Promise<SignedIn> {
	const answer = await query<Redeemed>(
		"RedeemConsoleSignIn",
		{SignInCode: code},
		{service: services.sts, unsigned: true},
	);
	const {Credentials, Region} = answer.RedeemConsoleSignInResult;
	return identify({
		accessKeyId: Credentials.AccessKeyId,
		secretAccessKey: Credentials.SecretAccessKey,
		sessionToken: Credentials.SessionToken,
		region: Region,
	});
}

/* Whom the controller takes these keys for, and by the way its region. */
export async function identify(keys: Keys): Promise<SignedIn> {
	try {
		return {keys, identity: await askIdentity(keys)};
	} catch (error) {
		const region =
			error instanceof Problem
				? regionAnswer.exec(error.message)?.[1]
				: undefined;
		if (!region || region === keys.region) throw error;
		return identify({...keys, region});
	}
}

async function askIdentity(keys: Keys): Promise<Identity> {
	const answer = await query<{GetCallerIdentityResult: {Account: string; Arn: string}}>(
		"GetCallerIdentity",
		{},
		{service: services.sts, keys},
	);
	const {Account, Arn} = answer.GetCallerIdentityResult;
	return {account: Account, arn: Arn};
}
