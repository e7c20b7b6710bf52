#ifndef BASE_THREAD_H
#define BASE_THREAD_H

/*
 * The calling thread works long, and what others wait for is done by threads
 * that work shortly: those get a processor first from now on.  Where there
 * are enough processors it is as fast as before.
 */
void thread_give_way(void);

/*
 * The calling thread works shortly and often, and others wait for it: it gets
 * a processor as soon as it has something to do, for a short slice of time and
 * no larger share.  Linux before 6.12 does nothing.
 */
void thread_be_prompt(void);

#endif
