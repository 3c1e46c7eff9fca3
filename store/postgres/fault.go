package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/mlapi/store"
)

// placeOf names a database without its password.
func placeOf(config *pgx.ConnConfig) string {
	return fmt.Sprintf("%s of PostgreSQL at %s:%d", config.Database, config.Host, config.Port)
}

// again reports whether a transaction failed for no reason but others beside it.
func again(err error) bool {
	var cause *pgconn.PgError
	return errors.As(err, &cause) && (cause.Code == "40001" || cause.Code == "40P01")
}

// explainer puts the driver's errors into words for whoever runs the server.
type explainer struct{ place string }

// explain returns a *store.Fault for an error of the driver.
func (e explainer) explain(err error) error {
	var fault *store.Fault
	if errors.As(err, &fault) || errors.Is(err, context.Canceled) {
		return err
	}
	problem, advice := e.words(err)
	return &store.Fault{Problem: fmt.Sprintf(problem, e.place), Advice: advice, Cause: bare(err)}
}

// bare strips what the driver says about the connection: it names the user and the
// database, and in some cases repeats what it was given.
func bare(err error) error {
	var cause *pgconn.PgError
	var network *net.OpError
	switch {
	case errors.As(err, &cause):
		return cause
	case errors.As(err, &network):
		return network
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return errors.New("no connection")
	}
	return err
}

// words returns the problem (with %s for the place) and the advice that go with an
// error.
func (e explainer) words(err error) (problem, advice string) {
	const unreachable = "look whether the server runs and can be reached from here; what was committed is not lost"
	var cause *pgconn.PgError
	switch {
	case errors.As(err, &cause):
	case errors.Is(err, context.DeadlineExceeded):
		return "the database %s does not answer", unreachable
	default:
		return "the database %s cannot be reached", unreachable
	}
	switch cause.Code {
	case "28P01", "28000":
		return "the database %s refuses the user or the password", "put the right ones into MLAPI_STORE; the server's pg_hba.conf says who may come from where"
	case "3D000":
		return "there is no database %s", "make it: createdb -O USER DATABASE"
	case "42501":
		return "the user may not do what is needed in the database %s", "make the user the owner: ALTER DATABASE ... OWNER TO USER; GRANT CREATE ON SCHEMA public TO USER"
	case "25006":
		return "the database %s can only be read", "name the primary server, not a standby, and a user who may write"
	case "53300":
		return "the database %s has no connection left", "raise max_connections of the server, or run fewer servers of mlapi on it"
	case "53100", "53200":
		return "the disk or the memory of the database %s is full", "free some; nothing that was committed is lost"
	case "57014", "55P03":
		return "the database %s took too long", "look for what else works on it and holds locks"
	}
	switch {
	case strings.HasPrefix(cause.Code, "08"), strings.HasPrefix(cause.Code, "57P"):
		return "the database %s cannot be reached", unreachable
	}
	return "the database %s refused a query", "this is a fault of mlapi or of the tables: report it with this text"
}
