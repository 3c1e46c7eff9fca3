// Package client calls the API of a prediction server: it logs in, keeps its
// tokens fresh and asks for predictions.
//
//	c, err := client.New("https://models.example.org")
//	if err != nil {
//		return err
//	}
//	if err := c.Login(ctx, name, password); err != nil {
//		return err
//	}
//	labels, err := client.Predict[string](ctx, c, [][]any{{"tcp", "http", 0.5}})
//
// A Client is one session. It is safe for use by many goroutines at once; log in
// once and share it. It refreshes its access token when that is about to expire
// or is refused, one refresh at a time however many calls wait for it.
//
// # Refresh tokens work once
//
// The server ends a session whose refresh token is presented twice, unless the second
// request carries the Idempotency-Key of the first. The client gives each token a
// random key with which it is exchanged, however often answers are lost, and each login
// one too. Once begun, an exchange is not cut off with the context of the call that
// happened to need it. Two clients must not share a session: give each its own login,
// as a client or as an [Instance] of one. With a [TokenStore] a session survives the
// process, also one that dies in the middle of an exchange.
//
// # Failures
//
// What the server refuses is an [Error], with the status, the code word and,
// where known, the row and column:
//
//	if e, ok := errors.AsType[*client.Error](err); ok && e.Code == "unknown_category" {
//		fmt.Println(e.Row, e.Column)
//	}
//
// A 401 after the client has refreshed means that the session is over: log in
// again. [ErrAnswerLost] means that no answer came for long, while the server may
// have acted.
//
// Tokens and passwords are never logged, printed or put into an error. Over
// plain http they can be read by others on the way: use https but on one machine.
package client
