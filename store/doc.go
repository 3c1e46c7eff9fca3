// Package store keeps clients and sessions in an SQL database: it implements
// [auth.Store] with plain SQL over database/sql, once for all databases.
//
// Nothing here opens a database. A package beside the queries does that, knows
// the driver and says in a [Dialect] what its database does differently; today
// that is package sqlite, one file on disk:
//
//	s, err := sqlite.Open(ctx, "data/mlapi.db")
//	if err != nil {
//		return err // a *store.Fault: what is wrong, and a hint what to do
//	}
//	defer s.Close()
//
//	err = s.AddClient(ctx, auth.Client{Name: "ann", PasswordHash: hash})
//	started, err := s.StartSession(ctx, auth.Session{ID: id, Client: "ann", Head: head}, hash, true)
//
// # Decisions
//
// Every decision that two callers could race for (who logs in, who rotates, who
// ends a session) is the WHERE clause of one UPDATE: whoever changes the row has
// won, everybody else reads false. Nothing is decided on what was read before.
//
// # Time
//
// All times are the database's clock in whole seconds, so that the processes of
// one database agree and a clock set wrong on one of them decides nothing.
//
// # A database that is not there any more
//
// A file can be removed or replaced under a running server, which could go on for
// ever in a file that has no name: the next start would find none of it, and every
// credential used up since would work again. So an operation counts only where
// the database is still the one that was opened: [Dialect].Check is asked before
// each COMMIT, so that nothing is used up for nothing, and at the end of every
// operation. Its *Fault is then what every method returns, in place of a yes as of
// auth.ErrNotFound.
//
// # Cancelling
//
// A writing method can be cancelled until its COMMIT begins: an error that wraps
// the context's means that nothing was changed. From then on only the database
// decides, and nil means durable. Any other error of a writing method may also
// mean that the outcome is unknown (the disk failed while committing): answer
// "try again later", hand nothing out.
package store
