#ifndef STORE_ROCKS_FAKE_DISK_H
#define STORE_ROCKS_FAKE_DISK_H

/*
 * For tests whose disk fails: what they define stands before libc's.  They
 * have a pwrite() of their own, which is all of a pwritev() that is needed.
 */
#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

static inline int
failed(int error)
{
	errno = error;
	return -1;
}

/* One part at a time: what is left is asked for again. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	while (n > 1 && v->iov_len == 0) {
		v++;
		n--;
	}
	return pwrite(fd, v->iov_base, v->iov_len, at);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

#endif
