#ifndef MAIL_MAIN_H
#define MAIL_MAIN_H

struct service;

/* The mail process: everything after login, LMTP, and the store. */
int mail_main(struct service *s);

#endif
