#include "base/status.h"

#include "base/defs.h"

const char *
status_name(enum status st)
{
	static const char *const names[] = {
		[ST_OK] = "ok",
		[ST_AGAIN] = "again",
		[ST_BAD] = "bad",
		[ST_NOTFOUND] = "notfound",
		[ST_EXISTS] = "exists",
		[ST_DENIED] = "denied",
		[ST_LIMIT] = "limit",
		[ST_QUOTA] = "quota",
		[ST_FULL] = "full",
		[ST_CORRUPT] = "corrupt",
		[ST_IO] = "io",
	};

	return (size_t)st < COUNT(names) ? names[st] : "unknown";
}
