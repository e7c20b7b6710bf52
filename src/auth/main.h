#ifndef AUTH_MAIN_H
#define AUTH_MAIN_H

struct service;

/* The auth process, its rights dropped; gives the exit code. */
int auth_main(struct service *s);

#endif
