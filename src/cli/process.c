#include "cli/process.h"

#include "auth/main.h"
#include "cli/command.h"
#include "cli/say.h"
#include "gate/main.h"
#include "mail/main.h"
#include "service/service.h"

static const struct {
	enum role role;
	int (*main)(struct service *s);
} mains[] = {
	{ ROLE_GATE, gate_main },
	{ ROLE_AUTH, auth_main },
	{ ROLE_MAIL, mail_main },
};

int
process_run(const char *role, const char *index)
{
	struct service *s;
	uint64_t n;
	int code;

	for (size_t i = 0; i < COUNT(mains); i++) {
		if (strcmp(role_name(mains[i].role), role) != 0 ||
		    !span_u64(span_str(index), LIMIT_GATES - 1, &n))
			continue;
		s = service_new(mains[i].role, (uint32_t)n);
		code = mains[i].main(s);
		service_free(&s);
		return code;
	}
	say_error("there is no process \"%s\"", role);
	return EXIT_USAGE;
}
