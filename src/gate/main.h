#ifndef GATE_MAIN_H
#define GATE_MAIN_H

struct service;

/* The gate process, until it has stopped; gives the exit code. */
int gate_main(struct service *s);

#endif
