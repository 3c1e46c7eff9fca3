package auth

import (
	"context"
	"errors"
	"fmt"

	"example.com/mlapi"
)

// requestEvent returns what every event that a request causes has in common.
func requestEvent(ctx context.Context, action string, o mlapi.Origin) Event {
	e := Event{Action: action, Outcome: Done, Actor: ActorClient, Request: mlapi.RequestIDFrom(ctx)}
	if o.Address.IsValid() {
		e.Address = o.Address.String()
	}
	return e
}

// sessionEvent returns the event of something that a request does with a session.
func sessionEvent(ctx context.Context, action string, row Session, o mlapi.Origin) Event {
	e := requestEvent(ctx, action, o)
	e.Client, e.Instance, e.Session = row.Client, row.Instance, row.ID
	return e
}

// clientEvent returns the event of a change to a client.
func clientEvent(action, actor, client, detail string) Event {
	return Event{Action: action, Outcome: Done, Actor: actor, Client: client, Detail: detail}
}

// ErrAuditBroken is what VerifyAudit returns for a log that was changed.
var ErrAuditBroken = errors.New("the audit log was changed")

// VerifyAudit walks the whole audit log, calls yield for each entry unless that is
// nil, and returns the last entry, the zero Entry where the log is empty. It returns
// an error that wraps ErrAuditBroken and names the first position at which an entry
// was changed, added or removed. Entries removed from the end leave no trace in the
// log itself: compare the last entry's hash with one kept elsewhere.
func VerifyAudit(ctx context.Context, log Audit, yield func(Entry) error) (last Entry, err error) {
	err = log.Entries(ctx, 0, func(e Entry) error {
		want, err := ChainHash(last.Hash, e)
		switch {
		case err != nil: // of a time that never was
			return fmt.Errorf("%w: entry %d is not as it was written: %w", ErrAuditBroken, e.Position, err)
		case e.Position != last.Position+1:
			return fmt.Errorf("%w: entry %d is missing or out of place", ErrAuditBroken, last.Position+1)
		case e.Hash != want:
			return fmt.Errorf("%w: entry %d, or one before it, is not as it was written", ErrAuditBroken, e.Position)
		}
		last = e
		if yield == nil {
			return nil
		}
		return yield(e)
	})
	return last, err
}
