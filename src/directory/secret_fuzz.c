#include <assert.h>

#include "directory/name.h"
#include "directory/secret.h"

/*
 * Names and passwords that strangers type, and hashes from other servers.
 * What was prepared once stays as it is when it is prepared again.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct secret_costs costs = { 8, 1, 1, 1 };
	char name[LIMIT_USER_NAME + 1], again[LIMIT_USER_NAME + 1];
	char password[LIMIT_PASSWORD_PREPARED + 1];
	struct span in = span_of(data, size);
	struct secret s;
	size_t n;

	if (name_prepare(in, name) == ST_OK &&
	    name_prepare(span_str(name), again) == ST_OK)
		assert(strcmp(name, again) == 0);
	if (size > LIMIT_PASSWORD)
		return 0;
	if (name_prepare_password(in, password, &n) == ST_OK)
		assert(n > 0 && password[n] == '\0');
	if (size > 0 && data[0] == '{' &&
	    secret_import(&costs, in, &s) == ST_OK)
		assert(s.hash[0] != '\0');
	return 0;
}
