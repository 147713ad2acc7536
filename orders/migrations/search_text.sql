-- What orders are searched by, kept by the database itself: however an order is written, its text follows.
do $$
begin
    create extension if not exists pg_trgm;
    create extension if not exists unaccent;
exception when others then
    raise notice 'without pg_trgm and unaccent the search of orders forgives no slip of the pen: %', sqlerrm;
end $$;

-- Lower case, without accents, everything but letters and digits a blank. Turkish i's are all one.
do $$
declare
    plain text := 'translate(given, ''İIı'', ''iii'')';
begin
    if to_regprocedure('unaccent(text)') is not null then
        plain := 'unaccent(' || plain || ')';
    end if;
    execute format(
        'create or replace function orders_fold(given text) returns text language sql stable parallel safe as '
        '$f$ select btrim(regexp_replace(lower(%s), ''[^[:alnum:]]+'', '' '', ''g'')) $f$', plain);
end $$;

create or replace function orders_retext(ids uuid[]) returns void language sql as $$
    insert into orders_ordertext (id, tenant_id, order_id, text)
    select gen_random_uuid(), o.tenant_id, o.id,
           concat_ws(' | ', orders_fold(o.reference), regexp_replace(orders_fold(o.reference), ' ', '', 'g'),
                     orders_fold(o.recipient_name), regexp_replace(o.recipient_phone, '[^0-9]', '', 'g'),
                     orders_fold(p.line), orders_fold(concat_ws(' ', p.postcode, p.city)))
    from orders_order o join orders_place p on p.tenant_id = o.tenant_id and p.id = o.place_id
    where o.id = any(ids)
    on conflict (tenant_id, order_id) do update set text = excluded.text
    where orders_ordertext.text is distinct from excluded.text;
    insert into orders_searchword (id, tenant_id, word)
    select gen_random_uuid(), tenant_id, word
    from (
        select distinct t.tenant_id, left(word, 80) as word
        from orders_ordertext t, regexp_split_to_table(t.text, '[ |]+') as word
        where t.order_id = any(ids) and length(word) > 3 and word !~ '[0-9]'
    ) as found
    order by word
    on conflict (tenant_id, word) do nothing;
$$;

create or replace function orders_text_of_new() returns trigger language plpgsql as $$
begin
    perform orders_retext(array(select id from fresh));
    return null;
end $$;
create or replace function orders_text_of_changed() returns trigger language plpgsql as $$
begin
    perform orders_retext(array[new.id]);
    return null;
end $$;
create or replace function orders_text_of_place() returns trigger language plpgsql as $$
begin
    perform orders_retext(array(select id from orders_order where tenant_id = new.tenant_id and place_id = new.id));
    return null;
end $$;

create or replace trigger order_text_new after insert on orders_order
    referencing new table as fresh for each statement execute function orders_text_of_new();
create or replace trigger order_text_changed
    after update of reference, recipient_name, recipient_phone, place_id on orders_order for each row
    when (row(old.reference, old.recipient_name, old.recipient_phone, old.place_id)
          is distinct from row(new.reference, new.recipient_name, new.recipient_phone, new.place_id))
    execute function orders_text_of_changed();
create or replace trigger order_text_place
    after update of line, postcode, city on orders_place for each row
    when (row(old.line, old.postcode, old.city) is distinct from row(new.line, new.postcode, new.city))
    execute function orders_text_of_place();
