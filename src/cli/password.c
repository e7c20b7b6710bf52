#include "cli/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "cli/say.h"

void
password_clear(struct buf *b)
{
	if (b->p != NULL)
		explicit_bzero(b->p, b->cap);
	buf_clear(b);
}

/* The number of a signal that came while a password was typed, or 0. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
	interrupted = signal;
}

/* Room for it is made at once, so that no copy is left elsewhere. */
static enum status
read_line(int fd, struct buf *out)
{
	unsigned char *p;
	ssize_t n = 1;

	buf_reset(out);
	p = buf_room(out, LIMIT_PASSWORD + 1);
	while (out->n <= LIMIT_PASSWORD) {
		n = read(fd, p + out->n, 1);
		if (n == -1 && errno == EINTR && interrupted == 0)
			continue;
		if (n <= 0 || p[out->n] == '\n')
			break;
		buf_added(out, 1);
	}
	if (interrupted != 0)
		return ST_BAD;
	if (out->n > LIMIT_PASSWORD) {
		say_error("a password may have at most %d bytes",
		    LIMIT_PASSWORD);
		return ST_BAD;
	}
	if (out->n > 0 && p[out->n - 1] == '\r')
		out->n--;
	if (out->n == 0) {
		say_error("no password was given");
		return ST_BAD;
	}
	return ST_OK;
}

enum status
password_read(struct buf *out)
{
	return read_line(STDIN_FILENO, out);
}

/*
 * The terminal stops showing before the prompt: what is typed from then on
 * counts.  It is as it was when we end, also by ^C.
 */
static enum status
prompt(int tty, const char *what, const char *name, struct buf *out)
{
	const struct sigaction catch = { .sa_handler = on_interrupt };
	struct sigaction before;
	struct termios shown;
	struct termios hidden;
	enum status st;

	if (tcgetattr(tty, &shown) == -1)
		return ST_BAD;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	(void)sigaction(SIGINT, &catch, &before);
	(void)tcsetattr(tty, TCSAFLUSH, &hidden);
	(void)dprintf(tty, "%s for %s: ", what, name);
	st = read_line(tty, out);
	(void)tcsetattr(tty, TCSADRAIN, &shown);
	(void)sigaction(SIGINT, &before, NULL);
	(void)dprintf(tty, "\n");
	if (interrupted != 0)
		(void)raise(interrupted);
	return st;
}

enum status
password_ask(const char *name, struct buf *out)
{
	CLEANUP(password_clear) struct buf again = { 0 };
	enum status st;
	bool same;
	int tty;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty == -1) {
		say_error("there is no terminal to ask for the password: use "
			  "--password-stdin");
		return ST_BAD;
	}
	do {
		st = prompt(tty, "New password", name, out);
		if (st == ST_OK)
			st = prompt(tty, "The same again", name, &again);
		same = span_eq(buf_span(out), buf_span(&again));
		if (st == ST_OK && !same)
			(void)dprintf(tty, "They differ.  Once more.\n");
	} while (st == ST_OK && !same);
	close(tty);
	return st;
}
