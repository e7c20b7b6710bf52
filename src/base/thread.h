#ifndef BASE_THREAD_H
#define BASE_THREAD_H

/*
 * The calling thread works long, and what others wait for is done by threads
 * that work shortly: those get a processor first from now on.  Where there
 * are enough processors it is as fast as before.
 */
void thread_give_way(void);

#endif
