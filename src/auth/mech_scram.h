#ifndef AUTH_MECH_SCRAM_H
#define AUTH_MECH_SCRAM_H

#include <gsasl.h>

/* How GNU SASL asks for SCRAM's keys. */
int mech_scram_callback(Gsasl *g, Gsasl_session *session,
    Gsasl_property property);

#endif
