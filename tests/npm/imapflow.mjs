// A scenario with imapflow, the modern client: two connections that watch each
// other.  Arguments: port, certificate, user, password, whether the server must
// speak what Newel does.  Ends with 0 if everything was as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const [port, certificate, user, pass, strict] = process.argv.slice(2);
const newel = strict === 'newel';

const open = async options => {
	const client = new ImapFlow({
		host: 'localhost',
		port: Number(port),
		secure: true,
		tls: { ca: readFileSync(certificate) },
		auth: { user, pass },
		logger: false,
		qresync: true,
		...options,
	});
	client.on('error', e => {
		console.error(e);
		process.exitCode = 1;
	});
	await client.connect();
	return client;
};

// The next event of that name; what has already come doesn't count.
const next = (client, name, wanted = () => true) =>
	new Promise((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error(`no ${name} came`)), 20000);
		const listen = data => {
			if (!wanted(data)) return;
			clearTimeout(timer);
			client.off(name, listen);
			resolve(data);
		};
		client.on(name, listen);
	});

// The phone is in IDLE until its next command.
const idle = () => void phone.idle();

const message = n => Buffer.from(
	`From: Ada <ada@example.org>\r\nTo: charles@example.org\r\n` +
	`Subject: Grüße ${n}\r\nMessage-ID: <${n}@example.org>\r\n` +
	`MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n` +
	`Text ${n}, with ü.\r\n`);

const phone = await open();
const desk = await open();

if (newel) {
	for (const name of ['IMAP4REV2', 'QRESYNC', 'CONDSTORE', 'UTF8=ACCEPT'])
		assert.ok(desk.enabled.has(name), `${name} is not enabled`);
	assert.ok(desk._deflate, 'no COMPRESS');
	for (const name of ['MOVE', 'UIDPLUS', 'OBJECTID', 'SPECIAL-USE',
		'PARTIAL', 'QUOTA', 'STATUS=SIZE', 'BINARY'])
		assert.ok(desk.capabilities.has(name), `${name} is not offered`);
}

// Mailboxes, with their special uses and counts.
await desk.mailboxCreate('Reisen & mehr');
await desk.mailboxCreate(['Reisen & mehr', '日本']);
const list = await desk.list({ statusQuery: { messages: true, unseen: true } });
const paths = list.map(m => m.path);
assert.ok(paths.includes('Reisen & mehr'), paths.join());
const nested = list.find(m => m.name === '日本');
assert.equal(nested.parent.join(), 'Reisen & mehr');
for (const use of ['\\Drafts', '\\Sent', '\\Junk', '\\Trash'])
	assert.equal(list.filter(m => m.specialUse === use).length, 1, use);
assert.equal(list.find(m => m.path === 'INBOX').status.messages, 0);

// The phone idles; the desk changes things; the phone is told of each.
await phone.mailboxOpen('INBOX');
await desk.mailboxOpen('INBOX');

idle();
let event = next(phone, 'exists', e => e.count === 1);
const added = await desk.append('INBOX', message(1), ['\\Flagged', '$Label1']);
await event;
assert.ok(added.uid > 0 && added.uidValidity > 0n);

let got = await phone.fetchOne('*', {
	uid: true, flags: true, envelope: true, bodyStructure: true, size: true,
	source: true, internalDate: true,
});
assert.equal(got.uid, added.uid);
assert.equal(got.envelope.subject, 'Grüße 1');
assert.ok(got.flags.has('\\Flagged') && got.flags.has('$Label1'));
assert.equal(got.size, message(1).length);
assert.deepEqual(got.source, message(1));
assert.equal(got.bodyStructure.type, 'text/plain');
if (newel)
	assert.ok(got.emailId, 'no EMAILID');

const text = await phone.download('*', '1');
let decoded = '';
for await (const piece of text.content)
	decoded += piece;
assert.equal(decoded, 'Text 1, with ü.\r\n');

idle();
event = next(phone, 'flags', e => e.flags.has('\\Seen'));
await desk.messageFlagsAdd('1', ['\\Seen']);
assert.ok((await event).modseq > 0n);

for (let n = 2; n <= 30; n++)
	await desk.append('INBOX', message(n));
await phone.noop();
assert.equal(phone.mailbox.exists, 30);
assert.deepEqual(await phone.search({ subject: 'grüße 17' }, { uid: true }),
	[added.uid + 16]);

idle();
event = next(phone, 'expunge', e => e.uid === added.uid + 4 || e.seq === 5);
const moved = await desk.messageMove(`${added.uid + 4}`, 'Reisen & mehr/日本'
	.replace('/', nested.delimiter), { uid: true });
await event;
assert.equal(moved.uidMap.size, 1);

idle();
event = next(phone, 'expunge');
await desk.messageDelete({ uid: `${added.uid + 9}` }, { uid: true });
await event;
assert.equal((await phone.search({ all: true })).length, 28);
await phone.mailboxOpen(nested.path);
got = await phone.fetchOne('1', { envelope: true });
assert.equal(got.envelope.subject, 'Grüße 5');

// After a disconnection: only what has changed since.
const before = desk.mailbox.highestModseq;
await desk.logout();
await phone.mailboxOpen('INBOX');
await phone.messageFlagsAdd('3', ['\\Answered']);
const again = await open();
await again.mailboxOpen('INBOX');
assert.ok(again.mailbox.highestModseq > before);
const changed = [];
for await (const m of again.fetch('1:*', { flags: true, uid: true },
	{ changedSince: before }))
	changed.push(m.uid);
assert.deepEqual(changed, [added.uid + 2]);

if (newel) {
	const quota = await again.getQuota('INBOX');
	assert.ok(quota === false || quota.path === 'INBOX');
}
await again.mailboxDelete(nested.path);
assert.ok(!(await again.list()).some(m => m.path === nested.path));
await again.logout();
await phone.logout();
console.log('all as it should be');
