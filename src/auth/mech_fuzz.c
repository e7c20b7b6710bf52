#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/mech.h"
#include "config/config.h"
#include "directory/directory.h"

/*
 * What a client sends in each mechanism: the first byte chooses it, and
 * 0xff ends a response.  None may get in.
 */
static struct mech_context *context;
static const struct config *config;

static char folder[] = "/tmp/newel-fuzz-XXXXXX";

static void
remove_folder(void)
{
	(void)!(unlink("directory.db-wal") + unlink("directory.db-shm") +
		unlink("directory.db") + rmdir(folder));
}

static void
set_up(void)
{
	struct directory_options o = { .path = ".",
		.create = true,
		.costs = { 8, 1, 1, 4096 } };
	struct directory *d;
	struct secret s;
	uint64_t id;
	bool made = mkdtemp(folder) != NULL && chdir(folder) == 0 &&
	            directory_open(&o, &d) == ST_OK &&
	            secret_make(&o.costs, SPAN("a long secret"), &s) == ST_OK &&
	            directory_add(d, SPAN("user"), &s, &id) == ST_OK;

	assert(made);
	atexit(remove_folder);
	context = mech_context_new(d);
	config = config_default();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mech_binding binding = { SPAN_INIT("tls-exporter"),
		SPAN_INIT("0123456789abcdef") };
	static const struct mech_facts facts = { &binding, 1,
		SPAN_INIT("CN=nobody") };
	struct span in = span_of(data, size), response;
	enum mech_result r = MECH_CHALLENGE;
	struct mech *m;

	if (context == NULL)
		set_up();
	if (size == 0)
		return 0;
	m = mech_new(context, &mech_kinds[data[0] % 7], &facts);
	for (in = span_from(in, 1); r == MECH_CHALLENGE && in.n > 0;
	     in = span_from(in, response.n + 1)) {
		response = span_head(in, span_find(in, 0xff));
		r = mech_step(m, &response);
	}
	assert(r != MECH_RIGHT && r != MECH_BROKEN);
	assert(m->user.n <= LIMIT_USER_NAME && m->password.n <= LIMIT_PASSWORD);
	assert(r == MECH_CHALLENGE || r == MECH_PASSWORD || m->reason != NULL);
	mech_free(&m);
	return 0;
}
