#include "imap/mutf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name has one form: what converts one way converts back to itself. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	CLEANUP(buf_clear) struct buf there = { 0 };
	CLEANUP(buf_clear) struct buf back = { 0 };

	if (mutf7_to_utf8(in, &there)) {
		if (!utf8_valid(buf_span(&there)) ||
		    !utf8_to_mutf7(buf_span(&there), &back) ||
		    !span_eq(in, buf_span(&back)))
			__builtin_trap();
	}
	buf_reset(&there);
	buf_reset(&back);
	if (utf8_to_mutf7(in, &there) != utf8_valid(in))
		__builtin_trap();
	if (utf8_valid(in) && (!mutf7_to_utf8(buf_span(&there), &back) ||
				  !span_eq(in, buf_span(&back))))
		__builtin_trap();
	return 0;
}
