#ifndef ENGINE_SESSION_IN_H
#define ENGINE_SESSION_IN_H

#include "engine/session.h"

/* Between session.c, which runs commands, and session_read.c, which reads. */

/* Takes commands from input and starts them; the number of bytes taken. */
size_t session_read(struct session *s, struct span in);

/* Runs a step of the command at hand; true if it is done. */
bool session_run(struct session *s);

/* Writes the reply of s->cmd. */
void session_write_tagged(struct session *s);

struct arena *session_arena(void);

#endif
