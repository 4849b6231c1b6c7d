/** A modal dialog: the browser's own, so focus and Escape behave. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

type Props = { title: string; onClose: () => void; children: ComponentChildren; foot?: ComponentChildren };

export function Dialog({ title, onClose, children, foot }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose} onClick={(event) => event.target === element.current && onClose()}>
      <div class="dialog-head">
        <h2 class="grow">{title}</h2>
        <button class="button bare small" aria-label="Close" onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
      {foot && <div class="dialog-foot">{foot}</div>}
    </dialog>
  );
}

type Question = { title: string; text: string; action: string; onYes: () => void; onClose: () => void };

export function Confirm({ title, text, action, onYes, onClose }: Question) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      foot={
        <>
          <button class="button" autofocus onClick={onClose}>Keep</button>
          <button class="button danger" onClick={() => (onClose(), onYes())}>{action}</button>
        </>
      }
    >
      <p>{text}</p>
    </Dialog>
  );
}
