package auth

import "container/list"

// lru is a bounded map that forgets the least recently used entry first. It is
// not safe for concurrent use.
type lru[K comparable, V any] struct {
	most    int
	order   *list.List // of *lruItem, most recently used first
	entries map[K]*list.Element
}

type lruItem[K comparable, V any] struct {
	key   K
	value V
}

func newLRU[K comparable, V any](most int) *lru[K, V] {
	return &lru[K, V]{most: most, order: list.New(), entries: make(map[K]*list.Element)}
}

// get returns the entry of key, or nil.
func (l *lru[K, V]) get(key K) *V {
	element, ok := l.entries[key]
	if !ok {
		return nil
	}
	l.order.MoveToFront(element)
	return &element.Value.(*lruItem[K, V]).value
}

// add returns the entry of key, a zero one where there was none.
func (l *lru[K, V]) add(key K) *V {
	if value := l.get(key); value != nil {
		return value
	}
	if len(l.entries) >= l.most {
		l.remove(l.order.Back().Value.(*lruItem[K, V]).key)
	}
	item := &lruItem[K, V]{key: key}
	l.entries[key] = l.order.PushFront(item)
	return &item.value
}

// remove forgets the entry of key.
func (l *lru[K, V]) remove(key K) {
	if element, ok := l.entries[key]; ok {
		l.order.Remove(element)
		delete(l.entries, key)
	}
}
