#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "io/sandbox_private.h"

/* What newer kernels know than the headers that we may be built with. */
#define FS_TRUNCATE    (1ULL << 14) /* ABI 3 */
#define FS_IOCTL_DEV   (1ULL << 15) /* ABI 5 */
#define NET_BIND_TCP   (1ULL << 0)  /* ABI 4 */
#define NET_CONNECT    (1ULL << 1)
#define SCOPE_ABSTRACT (1ULL << 0) /* ABI 6: abstract UNIX sockets */
#define SCOPE_SIGNAL   (1ULL << 1)

/* struct landlock_ruleset_attr as of ABI 6. */
struct rules_attr {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM | \
	    LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)

/* The rights that make sense for something that isn't a folder. */
#define FS_OF_FILES \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	    FS_TRUNCATE)

/* Where the system keeps what SANDBOX_PLUGINS is about. */
static const struct sandbox_path system_paths[] = {
	{ "/usr/lib", false },
	{ "/usr/lib64", false },
	{ "/lib", false },
	{ "/lib64", false },
	{ "/etc/ld.so.cache", false },
};

static int
sys_create(const struct rules_attr *attr, size_t n, uint32_t flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, n, flags);
}

/* Every right that this version of Landlock can take away. */
static uint64_t
all_fs_rights(int abi)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* ABI 1 */

	if (abi >= 2)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		all |= FS_TRUNCATE;
	if (abi >= 5)
		all |= FS_IOCTL_DEV;
	return all;
}

static struct rules_attr
rules_for(const struct sandbox *s, int abi, size_t *out_n)
{
	struct rules_attr attr = { .fs = all_fs_rights(abi) };

	*out_n = sizeof(attr.fs);
	if (abi >= 4) {
		attr.net = NET_BIND_TCP;
		if ((s->may & SANDBOX_CONNECT) == 0)
			attr.net |= NET_CONNECT;
		*out_n = offsetof(struct rules_attr, scoped);
	}
	if (abi >= 6) {
		attr.scoped = SCOPE_SIGNAL;
		if ((s->may & SANDBOX_CONNECT) == 0)
			attr.scoped |= SCOPE_ABSTRACT;
		*out_n = sizeof(attr);
	}
	return attr;
}

static enum status
add_path(const struct sandbox *s, const struct sandbox_path *p, uint64_t all,
    int rules)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = FS_READ };
	struct stat meta;
	int rc = -1;

	rule.parent_fd = open(p->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd == -1 && errno == ENOENT)
		return ST_OK;
	if (rule.parent_fd == -1)
		return sandbox_failed(s, p->path);
	if (p->write && (s->may & SANDBOX_WRITE) != 0)
		rule.allowed_access |= FS_WRITE;
	rule.allowed_access &= all;
	if (fstat(rule.parent_fd, &meta) == 0) {
		if (!S_ISDIR(meta.st_mode))
			rule.allowed_access &= FS_OF_FILES;
		rc = (int)syscall(SYS_landlock_add_rule, rules,
		    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	}
	(void)close(rule.parent_fd);
	return rc == 0 ? ST_OK : sandbox_failed(s, p->path);
}

static enum status
add_paths(const struct sandbox *s, const struct sandbox_path *paths, size_t n,
    uint64_t all, int rules)
{
	enum status st = ST_OK;

	for (size_t i = 0; i < n && st == ST_OK; i++)
		st = add_path(s, &paths[i], all, rules);
	return st;
}

enum status
landlock_prepare(const struct sandbox *s, int *out_rules)
{
	struct rules_attr attr;
	enum status st;
	size_t n;
	int abi;

	abi = sys_create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		log_event(NULL, LEVEL_WARN, "sandbox.landlock.missing",
		    LF_STR("sandbox", s->process),
		    LF_STR("reason", strerror(errno)));
		return ST_OK;
	}
	attr = rules_for(s, abi, &n);
	*out_rules = sys_create(&attr, n, 0);
	if (*out_rules == -1)
		return sandbox_failed(s, "Landlock");
	st = ST_OK;
	if ((s->may & SANDBOX_READ) != 0)
		st = add_paths(s, s->paths, s->path_count, attr.fs, *out_rules);
	if (st == ST_OK && (s->may & SANDBOX_PLUGINS) != 0)
		st = add_paths(s, system_paths, COUNT(system_paths), attr.fs,
		    *out_rules);
	return st;
}

enum status
landlock_enter(const struct sandbox *s, int *rules)
{
	if (*rules == -1)
		return ST_OK;
	if (syscall(SYS_landlock_restrict_self, *rules, 0) != 0)
		return sandbox_failed(s, "Landlock");
	(void)close(*rules);
	*rules = -1;
	return ST_OK;
}
