#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes: problems that are said, or a config. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf problems = { 0 };
	CLEANUP(config_unref) const struct config *c = NULL;
	enum status st;

	st = config_parse(span_of(data, size), "/f", &c, &problems);
	if ((st == ST_OK) != (c != NULL) || (st == ST_OK) != (problems.n == 0))
		__builtin_trap();
	return 0;
}
