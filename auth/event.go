package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Event is something that happened, as the audit log keeps it. It holds no token,
// no password and no name that is not a client's.
type Event struct {
	Action   string `json:"action"`
	Outcome  string `json:"outcome"`
	Actor    string `json:"actor"` // ActorClient, ActorOperator, ActorConfiguration or ActorServer
	Client   string `json:"client,omitempty"`
	Instance string `json:"instance,omitempty"`
	Session  string `json:"session,omitempty"`
	Key      string `json:"key,omitempty"`     // a signing key's identifier
	Address  string `json:"address,omitempty"` // where it came from
	Request  string `json:"request,omitempty"` // identifier in the server's log
	Detail   string `json:"detail,omitempty"`  // why
}

// What happens. An Event of a Store method that ends sessions stands for each of
// them: the store writes one entry a session, with ActionEnd.
const (
	ActionLogin      = "login"       // a session begins
	ActionRefresh    = "refresh"     // the next tokens are given out
	ActionRepeat     = "repeat"      // the same tokens are given out once more
	ActionEnd        = "session end" // outcome: blocked or revoked
	ActionAdd        = "client add"
	ActionUpdate     = "client update" // detail: what changed
	ActionKeyAdd     = "key add"
	ActionCompromise = "key compromise"
)

// Outcomes.
const (
	Done    = "done"
	Refused = "refused"
)

// Who acts.
const (
	ActorClient        = "client"
	ActorOperator      = "operator"
	ActorConfiguration = "configuration"
	ActorServer        = "server"
)

// Entry is an Event in the audit log.
type Entry struct {
	Position int64     `json:"position"` // 1, 2, 3 ... without gaps
	At       time.Time `json:"at"`       // the store's clock, UTC, whole seconds
	Event
	Hash string `json:"hash"` // see ChainHash
}

// ChainHash returns the hash of an entry whose predecessor has the hash previous
// ("" before the first): the SHA-256, in hexadecimal, of previous, a line feed, and
// the entry as JSON without its Hash. Who changes or removes an entry must change
// all that follow; who keeps one hash elsewhere sees that, too.
func ChainHash(previous string, e Entry) (string, error) {
	e.Hash = ""
	e.At = e.At.UTC()
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	sum.Write([]byte(previous + "\n"))
	sum.Write(text)
	return hex.EncodeToString(sum.Sum(nil)), nil
}
