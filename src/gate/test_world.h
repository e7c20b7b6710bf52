#ifndef GATE_TEST_WORLD_H
#define GATE_TEST_WORLD_H

#include "base/test.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gate/state.h"
#include "service/counters.h"

/*
 * For tests: a gate, and the world around it.  auth and mail remember what
 * they get, and say what a test has them say; a client is a socket, of which
 * the gate has the other end.
 */
extern struct loop *loop;
extern struct gate *gate;
extern struct counters *counters;

extern unsigned asked; /* messages to auth; the last one */
extern struct message to_auth;
extern bool auth_is_gone;

extern unsigned passed; /* sessions to mail; the last one */
extern struct msg_session session;
extern int session_fd;
extern bool mail_is_gone;

extern unsigned finishes;

/* The certificate of the gate. */
extern struct buf chain;
extern struct buf key;

/* The client that was connected last. */
extern int client;
extern SSL_CTX *ssl_ctx;
extern SSL *ssl;

/* Of the group, and of each test. */
int make_certificate(void **state);
int drop_certificate(void **state);
int setup(void **state);
int teardown(void **state);

/* New settings; setup() gives those of OPEN, with TLS. */
#define HOST "instance { hostname = mx }\n"
#define OPEN HOST "auth { plaintext-login = yes }\n"
void configure(const char *text, bool with_tls);
void offer(const char *names);

/* As many turns as it takes until nothing happens any more. */
void run(void);

void connect_as(const char *text, bool tls);
void connect_client(void); /* in the clear, its greeting read */
void hang_up(void);
void say(const char *text);
const char *heard(void); /* all that has come, until the next call */
void expect(const char *what, const char *answer);
bool is_closed(void);
const char *read_all(int fd);

/* About the exchange that it was asked about last. */
void auth_says(struct message m);
void auth_challenges(const char *blob);
void auth_agrees(const char *final);
void auth_refuses(enum refusal code, const char *text);

#endif
