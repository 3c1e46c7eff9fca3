// Package auth decides who may call: it checks passwords, signs and verifies
// tokens, rotates refresh tokens, ends sessions and slows down guessing. It knows
// no HTTP; what it keeps, it keeps in a [Store].
//
// A [Service] answers four questions:
//
//	key, err := auth.LoadKey(auth.KeyFiles{Public: "key.pub.pem", Private: "key.pem", Algorithm: "RS512"}, logger)
//	...
//	s, err := auth.New(auth.Config{
//		Store: store, Key: key, Issuer: "MLAPIAS", Logger: logger,
//		AccessTTL: time.Hour, RefreshTTL: 24 * time.Hour, ResetOnlyOnce: true,
//	})
//	...
//	go s.Run(ctx) // learns what other processes ended; without it Authorise soon refuses
//
//	tokens, err := s.Reset(ctx, "camera", secret, address) // a login: a new session
//	tokens, err = s.Refresh(ctx, tokens.Refresh)           // the next pair; the token sent is old now
//	caller, err := s.Authorise(ctx, tokens.Access)         // who calls
//	caller, err = s.Revoke(ctx, tokens.Access)             // logout
//
// # Tokens
//
// Tokens are JWTs in compact form, without the word Bearer, signed with RSA
// PKCS #1 v1.5. Access tokens (typ at+jwt, aud "access") follow RFC 9068; refresh
// tokens have typ rt+jwt and aud "refresh". Both carry sid, the session, and gen,
// the number of refreshes before them plus one. A refresh token is a function of
// its session's row and is stored nowhere.
//
// # Sessions
//
// A login starts a session of generation 1 and ends the client's earlier one. A
// refresh advances the generation by a compare-and-swap in the store, so of many
// that present the same token exactly one wins. Whoever presents an older token
// afterwards holds a copy: the whole session is blocked, with all its tokens, and
// the log says so with the command that lets the client in again.
//
// A token that is not valid in itself (signature, times, issuer, kind) never
// changes anything: nobody can end a session without having had its token.
//
// # Guessing
//
// The first 20 failed logins in a row for one name from one address are answered
// at once, those after them wait ever longer, and 100 a minute from one address is
// the most. Every refusal of a name with a password counts, also that of a right
// password that was used before, so the limits tell nothing about the password.
// A new secret starts a fresh count: [ResetClient] lets a client in at once.
//
// # Errors
//
// Methods of Service return *mlapi.Error: Unauthenticated for whatever is not
// right, with the same code and text for every reason; Throttled, with
// RetryAfter, for too much guessing; Unavailable where the store or the feed of
// ended sessions cannot be reached, and then never a token. The reason is in the
// log, which never holds a token, a password, or the name of an unknown client:
// people type passwords into the wrong field.
//
// [LoadKey], [CheckCredentials], [SyncClients], [AddClient], [ResetClient] and
// [RevokeClient] serve start-up and the command line. Their errors have a method
// Hint that says what to do.
package auth
