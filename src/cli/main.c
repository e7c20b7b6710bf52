#include <locale.h>

#include "cli/command.h"
#include "cli/process.h"

int
main(int argc, char **argv)
{
	/* libraries convert text by it; our own output is the same anywhere */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (argc == 4 && strcmp(argv[1], "process") == 0)
		return process_run(argv[2], argv[3]);
	return cli_run(argc, (const char *const *)argv);
}
