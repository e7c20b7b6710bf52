#include <string.h>

#include "service/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Any bytes, for any pair of roles: refused, or a message that packs to a
 * payload that reads as the same message.  Varints have longer forms, so the
 * bytes themselves may differ.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf once = { 0 };
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct message m = { 0 };
	struct packet p = { 0 };
	enum role from;
	enum role to;

	if (size < 2)
		return 0;
	from = data[0] % ROLE_COUNT;
	to = data[0] / ROLE_COUNT % ROLE_COUNT;
	p.type = data[1];
	p.fd_count = message_has_fd(p.type) ? 1 : 0;
	p.payload = span_of(data + 2, size - 2);
	if (message_decode(from, to, &p, &m, NULL) != ST_OK)
		return 0;

	if (message_encode(&m, &once) != ST_OK)
		__builtin_trap();
	p.payload = buf_span(&once);
	if (message_decode(from, to, &p, &m, NULL) != ST_OK)
		__builtin_trap();
	if (message_encode(&m, &again) != ST_OK ||
	    !span_eq(buf_span(&once), buf_span(&again)))
		__builtin_trap();
	return 0;
}
