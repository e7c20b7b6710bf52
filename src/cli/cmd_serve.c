#include "base/mem.h"
#include "cli/command.h"
#include "cli/instance.h"
#include "master/master.h"

enum exit_code
run_serve(const struct args *a)
{
	CLEANUP(mem_free) char *file = instance_file(a);

	return master_run(file) == 0 ? EXIT_DONE : EXIT_FAILED;
}
